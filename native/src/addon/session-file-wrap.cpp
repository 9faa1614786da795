#include "session-file-wrap.h"

#include "context-wrap.h"
#include "promise-job.h"
#include "typed-arrays.h"

Napi::Function session_file_wrap::define(Napi::Env env) {
    return DefineClass(env, js_name, {
        StaticMethod<&session_file_wrap::open>("open"),
        InstanceMethod<&session_file_wrap::load>("load"),
        InstanceMethod<&session_file_wrap::save>("save"),
        InstanceMethod<&session_file_wrap::save_exported>("saveExported"),
        InstanceMethod<&session_file_wrap::sync>("sync"),
        InstanceMethod<&session_file_wrap::checksum>("checksum"),
        InstanceMethod<&session_file_wrap::content_size>("contentSize"),
        InstanceMethod<&session_file_wrap::close>("close"),
    });
}

static session_mode read_mode(const argument & arg) {
    const std::string name = read_string(arg);
    if (name == "readOnly") {
        return session_mode::read_only;
    }
    if (name == "readWrite") {
        return session_mode::read_write;
    }
    if (name == "copyOnWrite") {
        return session_mode::copy_on_write;
    }
    throw out_of_range(arg.name + " must be readOnly, readWrite or copyOnWrite");
}

static session_scope read_scope(const argument & arg) {
    const std::string name = read_string(arg);
    if (name == "context") {
        return session_scope::context;
    }
    if (name == "sequence") {
        return session_scope::sequence;
    }
    throw out_of_range(arg.name + " must be context or sequence");
}

static size_t read_max_cells(const argument & arg, const session_options & options, const context_handle & context) {
    if (arg.absent()) {
        return 0;
    }
    if (options.scope != session_scope::sequence || options.mode != session_mode::read_write) {
        throw out_of_range(arg.name + " is only for sequence files opened readWrite");
    }
    return (size_t) read_integer(arg, 1, context.n_ctx);
}

static session_options read_session_options(const argument & path, const argument & options, const context_handle & context) {
    session_options result;
    result.path    = read_path(path);
    result.mode    = read_mode(options.member("mode"));
    result.scope   = read_scope(options.member("scope"));
    result.n_cells = read_max_cells(options.member("maxCells"), result, context);
    return result;
}

// The sequence of load and save: named for sequence files, absent for whole contexts (then -1).
static llama_seq_id read_target(const argument & arg, const session_handle & session) {
    if (session.scope == session_scope::sequence) {
        return (llama_seq_id) read_integer(arg, 0, (int64_t) session.context->n_seq_max - 1);
    }
    if (!arg.absent()) {
        throw wrong_type(arg.name + " must be absent for a file of a whole context");
    }
    return -1;
}

std::shared_ptr<session_handle> session_file_wrap::usable_handle() const {
    auto session = open_handle();
    if (session->context->closed) {
        throw closed_error(context_wrap::js_name);
    }
    return session;
}

Napi::Value session_file_wrap::open(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        environment &         home    = environment::of(info.Env());
        const context_wrap &  of      = context_wrap::from(nth_argument(info, 0, "context"));
        const argument        given   = nth_argument(info, 2, "options");
        const session_options options = read_session_options(nth_argument(info, 1, "path"), given, *of.open_handle());
        const auto            context = of.open_handle(); // again: reading the options may have run JavaScript that closed it
        const bool      writes = options.mode == session_mode::read_write;
        worker_thread & disk   = writes ? home.saves : home.io;
        // A writer takes room on the disk. What has to be calibrated first decodes a token.
        worker_thread & on = writes && context->state_size_max > 0 ? disk : context->worker;
        return queue_job(
            info.Env(), on,
            [&home, &disk, context, options] { return home.own<session_handle>(disk, context, options, disk); },
            [&home, mode = options.mode](Napi::Env env, std::shared_ptr<session_handle> & session) {
                static const char * const names[] = {"readOnly", "readWrite", "copyOnWrite"};
                const bool   snapshot = session->is_snapshot();
                Napi::Object object   = wrap(home.session_class, std::move(session));
                define_constant(object, "mode", Napi::String::New(env, names[(int) mode]));
                define_constant(object, "isSnapshot", Napi::Boolean::New(env, snapshot));
                return object;
            });
    });
}

Napi::Value session_file_wrap::load(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto session  = usable_handle();
        const auto sequence = read_target(nth_argument(info, 0, "sequence"), *session);
        return queue_job(
            info.Env(), session->context->worker, [session, sequence] { return session->load(sequence); },
            [](Napi::Env env, const std::vector<llama_token> & tokens) { return to_typed_array<Napi::Int32Array>(env, tokens); });
    });
}

Napi::Value session_file_wrap::save(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto session  = usable_handle();
        auto       tokens   = read_tokens(nth_argument(info, 0, "tokens"), session->context->model->n_vocab);
        const auto sequence = read_target(nth_argument(info, 1, "sequence"), *session);
        return queue_job(
            info.Env(), session->context->worker,
            [session, sequence, tokens = std::move(tokens)] { return session->save(sequence, tokens); },
            [](Napi::Env env, size_t n_bytes) { return Napi::Number::New(env, (double) n_bytes); });
    });
}

Napi::Value session_file_wrap::save_exported(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto session = usable_handle();
        auto       tokens  = read_tokens(nth_argument(info, 0, "tokens"), session->context->model->n_vocab);
        if (session->scope != session_scope::sequence) {
            throw wrong_type("a file of a whole context cannot hold a sequence");
        }
        return queue_job(
            info.Env(), session->disk,
            [session, state = take_exported(nth_argument(info, 1, "state")), tokens = std::move(tokens)] {
                return session->save_state(*state, tokens);
            },
            [](Napi::Env env, size_t n_bytes) { return Napi::Number::New(env, (double) n_bytes); });
    });
}

Napi::Value session_file_wrap::sync(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto session = open_handle();
        return queue_job(
            info.Env(), session->disk, [session] { session->sync(); return nothing(); }, to_undefined, &session->context->worker);
    });
}

Napi::Value session_file_wrap::checksum(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto session = open_handle();
        return queue_job(
            info.Env(), session->disk, [session] { return session->checksum(); },
            [](Napi::Env env, uint64_t sum) { return to_hex(env, sum); },
            &session->context->worker);
    });
}

Napi::Value session_file_wrap::content_size(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), (double) open_handle()->content_size()); });
}

Napi::Value session_file_wrap::close(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        environment &   home    = environment::of(info.Env());
        worker_thread & barrier = handle ? handle->context->worker : home.inference;
        worker_thread & disk    = handle ? handle->disk : home.io;
        return queue_job(
            info.Env(), disk,
            [closing = std::move(handle)] {
                if (closing) {
                    closing->close();
                }
                return nothing();
            },
            to_undefined, &barrier);
    });
}
