#include "base/json.h"

struct json
json_to(struct output *out)
{
    return (struct json){out, false};
}

static void
before_value(struct json *json)
{
    if (json->after_value)
        output_byte(json->out, ',');
    json->after_value = true;
}

static void
open_with(struct json *json, char bracket)
{
    before_value(json);
    output_byte(json->out, bracket);
    json->after_value = false;
}

static void
close_with(struct json *json, char bracket)
{
    output_byte(json->out, bracket);
    json->after_value = true;
}

void
json_open_object(struct json *json)
{
    open_with(json, '{');
}

void
json_close_object(struct json *json)
{
    close_with(json, '}');
}

void
json_open_array(struct json *json)
{
    open_with(json, '[');
}

void
json_close_array(struct json *json)
{
    close_with(json, ']');
}

static void
write_escape(struct output *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    output_text(out, TEXT("\\u"));
    for (int shift = 12; shift >= 0; shift -= 4)
        output_byte(out, digits[unit >> shift & 15]);
}

static void
write_code_point(struct output *out, uint32_t code)
{
    if (code >= 0x10000) {
        write_escape(out, 0xd800 + ((code - 0x10000) >> 10));
        write_escape(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else if (code < 0x20 || code >= 0x7f) {
        write_escape(out, code);
    } else {
        if (code == '"' || code == '\\')
            output_byte(out, '\\');
        output_byte(out, (char)code);
    }
}

static void
write_quoted(struct output *out, struct text text)
{
    output_byte(out, '"');
    while (text.size)
        write_code_point(out, text_take_code_point(&text));
    output_byte(out, '"');
}

void
json_key(struct json *json, const char *key)
{
    before_value(json);
    write_quoted(json->out, text_of(key));
    output_byte(json->out, ':');
    json->after_value = false;
}

void
json_text(struct json *json, struct text text)
{
    before_value(json);
    write_quoted(json->out, text);
}

void
json_string(struct json *json, const char *string)
{
    if (string)
        json_text(json, text_of(string));
    else
        json_null(json);
}

void
json_number(struct json *json, uint64_t number)
{
    before_value(json);
    output_number(json->out, number);
}

void
json_bool(struct json *json, bool value)
{
    before_value(json);
    output_string(json->out, value ? "true" : "false");
}

void
json_null(struct json *json)
{
    before_value(json);
    output_string(json->out, "null");
}
