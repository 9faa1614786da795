// The JavaScript class Context.
#pragma once

#include "context-handle.h"
#include "wrap.h"

class context_wrap : public handle_wrap<context_wrap, context_handle> {
public:
    static constexpr const char *  js_name = "Context";
    static constexpr napi_type_tag tag     = {0xc1e04b7d5a9f4810, 0x86f23b9d70ce4403};

    static Napi::Function define(Napi::Env env);

    using handle_wrap::handle_wrap;

private:
    static Napi::Object to_js(Napi::Env env, std::shared_ptr<context_handle> context);

    static Napi::Value create(const Napi::CallbackInfo & info);
    static Napi::Value create_for_image(const Napi::CallbackInfo & info);
    static Napi::Value open_image(const Napi::CallbackInfo & info);

    Napi::Value decode(const Napi::CallbackInfo & info);
    void        abort(const Napi::CallbackInfo & info);
    void        end_ahead(const Napi::CallbackInfo & info);
    Napi::Value last_logits(const Napi::CallbackInfo & info);

    Napi::Value copy_sequence(const Napi::CallbackInfo & info);
    Napi::Value remove_sequence(const Napi::CallbackInfo & info);
    Napi::Value clear(const Napi::CallbackInfo & info);
    Napi::Value max_position(const Napi::CallbackInfo & info);
    Napi::Value min_position(const Napi::CallbackInfo & info);

    Napi::Value save_file(const Napi::CallbackInfo & info);
    Napi::Value load_file(const Napi::CallbackInfo & info);
    Napi::Value save_sequence_file(const Napi::CallbackInfo & info);
    Napi::Value save_exported_file(const Napi::CallbackInfo & info);
    Napi::Value load_sequence_file(const Napi::CallbackInfo & info);

    Napi::Value write_image(const Napi::CallbackInfo & info);
    Napi::Value prepare_export(const Napi::CallbackInfo & info);
    Napi::Value export_sequence(const Napi::CallbackInfo & info);
    Napi::Value import_sequence(const Napi::CallbackInfo & info);

    Napi::Value close(const Napi::CallbackInfo & info);
};

llama_seq_id    read_sequence(const argument & arg, const context_handle & context);
context_options read_context_options(const argument & options);

// [p0, p1) with llama.cpp's meaning of negative ends. Throws if p1 is before p0.
struct position_range {
    llama_pos p0;
    llama_pos p1;
};

position_range read_position_range(const argument & p0, const argument & p1);
