"""A machine of its own for a mail server: nothing leaves it, nothing stays.

`enter` starts the calling script again inside new network, mount and process
namespaces.  There, only loopback exists (all of 127.0.0.0/8, every port free,
25 and 53 too), every process ends with the script, and /mnt is a scratch disk:

    /mnt/work    the place for configuration, queues and logs
    /mnt/build   the build directory, for every user to read
    /mnt/source  the same of the sources

Debian allows one mail server at a time, so none is installed: their packages
are unpacked below build/mta/roots and laid over /usr, /etc and /var, which take
writes that nobody else sees.  Root is needed, or sudo without a password.
"""
import fcntl
import os
import pathlib
import pwd
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ROOTS = SOURCE / "build/mta/roots"
WORK = pathlib.Path("/mnt/work")
BUILD = pathlib.Path("/mnt/build")
INSIDE = "MAYRELAY_SANDBOX"
FIRST_USER = 7000


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True,
                          **options)


# -- outside: packages -------------------------------------------------------

def download(package, folder):
    """The .deb of a package; the lists of packages may be older than it."""
    for again in False, True:
        if again:
            run("apt-get", "update", "-q", stdout=sys.stderr)
        done = subprocess.run(["apt-get", "download", "-q", package],
                              cwd=folder, capture_output=True, text=True)
        if done.returncode == 0:
            return next(folder.glob(package + "_*.deb"))
    sys.exit(f"cannot download {package}: {done.stderr}")


def unpack(package):
    """Below build/mta/roots/PACKAGE, once."""
    root = ROOTS / package
    ROOTS.mkdir(parents=True, exist_ok=True)
    with open(ROOTS / (package + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / ".complete").exists():
            root.mkdir(exist_ok=True)
            archive = download(package, root)
            run("dpkg", "-x", archive, root)
            archive.unlink()
            # No set-uid program is left lying about.
            run("find", root, "-type", "f", "-perm", "/6000",
                "-exec", "chmod", "ug-s", "{}", "+")
            (root / ".complete").touch()


def start_inside(build):
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = root + [
        "env", f"{INSIDE}={os.path.abspath(build)}", "LC_ALL=C",
        "unshare", "--net", "--pid", "--fork", "--mount", "--mount-proc",
        "--kill-child", sys.executable, *sys.argv]
    sys.stdout.flush()
    os.execvp(command[0], command)


# -- inside: what there is ---------------------------------------------------

def bind(source, target):
    target.mkdir()
    run("mount", "--bind", source, target)


def overlay(name, packages, writable):
    """Lays what the packages have of /NAME over it, the first on top."""
    lower = [ROOTS / package / name for package in packages]
    below = [str(path) for path in lower if path.is_dir()] + ["/" + name]
    options = "lowerdir=" + ":".join(below)
    if writable:
        for kind in "upper", "work":
            (WORK.parent / "layers" / name / kind).mkdir(parents=True)
            options += f",{kind}dir={WORK.parent}/layers/{name}/{kind}"
    elif len(below) == 1:
        return
    run("mount", "-t", "overlay", "overlay", "-o", options, "/" + name)


def prepare(build, packages):
    run("ip", "link", "set", "lo", "up")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", WORK.parent)
    WORK.mkdir()
    bind(build, BUILD)
    bind(SOURCE, WORK.parent / "source")
    overlay("usr", packages, False)
    overlay("etc", packages, True)
    overlay("var", packages, True)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    pathlib.Path("/etc/resolv.conf").write_text(
        "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    pathlib.Path("/etc/hosts").write_text(
        "127.0.0.1 localhost mx.corp.example mx\n::1 localhost\n")
    os.chdir(WORK)


def add_users(*names):
    """Users of this sandbox, each with a group of its name."""
    known = {user.pw_name for user in pwd.getpwall()}
    number = FIRST_USER + len(known)
    with open("/etc/passwd", "a") as users, open("/etc/group", "a") as groups:
        for name in names:
            if name not in known:
                users.write(f"{name}:x:{number}:{number}::/nonexistent:"
                            "/usr/sbin/nologin\n")
                groups.write(f"{name}:x:{number}:\n")
                number += 1


def enter(build, packages, users):
    """Returns inside the sandbox only; `build` is the build directory, the
    others are Debian packages to lay over the system, and users to add."""
    if INSIDE not in os.environ:
        for package in packages:
            unpack(package)
        start_inside(build)
    prepare(os.environ[INSIDE], packages)
    add_users(*users)
