//! Where the benchmark's call that does nothing is: MAYRELAY_NOOP, a folder.

fn main() {
    println!("cargo:rerun-if-env-changed=MAYRELAY_NOOP");
    if let Ok(folder) = std::env::var("MAYRELAY_NOOP") {
        println!("cargo:rustc-link-search=native={folder}");
        println!("cargo:rustc-link-arg-bins=-Wl,-rpath,{folder}");
    }
}
