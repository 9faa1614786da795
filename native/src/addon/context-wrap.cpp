#include "context-wrap.h"

#include "decode-arguments.h"
#include "model-wrap.h"
#include "promise-job.h"
#include "typed-arrays.h"

Napi::Function context_wrap::define(Napi::Env env) {
    return DefineClass(env, js_name, {
        StaticMethod<&context_wrap::create>("create"),
        StaticMethod<&context_wrap::create_for_image>("createForImage"),
        StaticMethod<&context_wrap::open_image>("openImage"),
        InstanceMethod<&context_wrap::decode>("decode"),
        InstanceMethod<&context_wrap::abort>("abort"),
        InstanceMethod<&context_wrap::end_ahead>("endAhead"),
        InstanceMethod<&context_wrap::last_logits>("lastLogits"),
        InstanceMethod<&context_wrap::copy_sequence>("copySequence"),
        InstanceMethod<&context_wrap::remove_sequence>("removeSequence"),
        InstanceMethod<&context_wrap::clear>("clear"),
        InstanceMethod<&context_wrap::max_position>("maxPosition"),
        InstanceMethod<&context_wrap::min_position>("minPosition"),
        InstanceMethod<&context_wrap::save_file>("saveFile"),
        InstanceMethod<&context_wrap::load_file>("loadFile"),
        InstanceMethod<&context_wrap::save_sequence_file>("saveSequenceFile"),
        InstanceMethod<&context_wrap::save_exported_file>("saveExportedFile"),
        InstanceMethod<&context_wrap::load_sequence_file>("loadSequenceFile"),
        InstanceMethod<&context_wrap::write_image>("writeImage"),
        InstanceMethod<&context_wrap::prepare_export>("prepareExport"),
        InstanceMethod<&context_wrap::export_sequence>("exportSequence"),
        InstanceMethod<&context_wrap::import_sequence>("importSequence"),
        InstanceMethod<&context_wrap::close>("close"),
    });
}

static Napi::Object to_js_result(Napi::Env env, const decode_result & result) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("status",           result.status);
    object.Set("code",             result.code);
    object.Set("sampled",          to_typed_array<Napi::Int32Array>(env, result.sampled));
    object.Set("logProbabilities", to_typed_array<Napi::Float32Array>(env, result.log_probabilities));
    object.Set("ms",               result.ms);
    object.Set("ahead",            result.ahead);
    return object;
}

Napi::Object context_wrap::to_js(Napi::Env env, std::shared_ptr<context_handle> context) {
    const auto   number = [env](double value) { return Napi::Number::New(env, value); };
    const auto   opened = context;
    Napi::Object object = wrap(environment::of(env).context_class, std::move(context));
    define_constant(object, "nCtx", number(opened->n_ctx));
    define_constant(object, "nBatch", number(opened->n_batch));
    define_constant(object, "nSeqMax", number(opened->n_seq_max));
    define_constant(object, "stateSizeMax", number((double) opened->state_size_max));
    return object;
}

Napi::Value context_wrap::create(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        llama_require();
        environment &         home    = environment::of(info.Env());
        model_wrap &          of      = model_wrap::from(nth_argument(info, 0, "model"));
        const context_options options = read_context_options(nth_argument(info, 1, "options"));
        return queue_job(
            info.Env(), home.inference,
            [&home, model = of.open_handle(), options] {
                return home.own<context_handle>(home.inference, model, options, home.inference);
            },
            [](Napi::Env env, std::shared_ptr<context_handle> & context) { return to_js(env, std::move(context)); });
    });
}

Napi::Value context_wrap::decode(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        auto request = read_decode_request(nth_argument(info, 0, "items"), nth_argument(info, 1, "options"), *open_handle());
        auto context = open_handle(); // again: reading the items may have run JavaScript that closed it
        request.ticket = context->issue_ticket();
        const auto purpose = purpose_of(*context, request);
        return queue_job(
            info.Env(), context->worker,
            [context, request = std::move(request)] { return ::decode(context, request); }, to_js_result, nullptr, purpose);
    });
}

void context_wrap::end_ahead(const Napi::CallbackInfo &) {
    if (handle) {
        handle->worker.disturb();
    }
}

void context_wrap::abort(const Napi::CallbackInfo & info) {
    guarded(info.Env(), [&] { open_handle()->abort(); });
}

Napi::Value context_wrap::last_logits(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context = open_handle();
        return queue_job(
            info.Env(), context->worker,
            [context] {
                const float * logits = context->last_output < 0
                    ? nullptr : llama().llama_get_logits_ith(context->ctx, context->last_output);
                if (logits == nullptr) {
                    throw context_error("the last decode has no output");
                }
                return std::vector<float>(logits, logits + context->model->n_vocab);
            },
            [](Napi::Env env, const std::vector<float> & logits) { return to_typed_array<Napi::Float32Array>(env, logits); });
    });
}

Napi::Value context_wrap::copy_sequence(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context = open_handle();
        const auto from    = read_sequence(nth_argument(info, 0, "from"), *context);
        const auto to      = read_sequence(nth_argument(info, 1, "to"), *context);
        const auto range   = read_position_range(nth_argument(info, 2, "p0"), nth_argument(info, 3, "p1"));
        return queue_job(
            info.Env(), context->worker,
            [context, from, to, range] {
                llama().llama_memory_seq_cp(context->memory, from, to, range.p0, range.p1);
                return nothing();
            },
            to_undefined);
    });
}

Napi::Value context_wrap::remove_sequence(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context  = open_handle();
        const auto sequence = read_sequence(nth_argument(info, 0, "sequence"), *context);
        const auto range    = read_position_range(nth_argument(info, 1, "p0"), nth_argument(info, 2, "p1"));
        return queue_job(
            info.Env(), context->worker,
            [context, sequence, range] {
                return llama().llama_memory_seq_rm(context->memory, sequence, range.p0, range.p1);
            },
            [](Napi::Env env, bool removed) { return Napi::Boolean::New(env, removed); });
    });
}

Napi::Value context_wrap::clear(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context = open_handle();
        return queue_job(
            info.Env(), context->worker,
            [context] {
                llama().llama_memory_clear(context->memory, false);
                return nothing();
            },
            to_undefined);
    });
}

// maxPosition and minPosition.
template <class F> static Napi::Value queue_position(const Napi::CallbackInfo & info, std::shared_ptr<context_handle> context, F position) {
    const auto sequence = read_sequence(nth_argument(info, 0, "sequence"), *context);
    return queue_job(
        info.Env(), context->worker,
        [context, sequence, position] { return position(context->memory, sequence); },
        [](Napi::Env env, llama_pos found) { return Napi::Number::New(env, found); });
}

Napi::Value context_wrap::max_position(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] { return queue_position(info, open_handle(), llama().llama_memory_seq_pos_max); });
}

Napi::Value context_wrap::min_position(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] { return queue_position(info, open_handle(), llama().llama_memory_seq_pos_min); });
}

// Waits for the queued jobs; the memory goes when the last session file of the context is closed.
Napi::Value context_wrap::close(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        if (handle) {
            handle->closed = true;
        }
        return queue_job(
            info.Env(), handle ? handle->worker : environment::of(info.Env()).inference,
            [closing = std::move(handle)]() mutable { closing.reset(); return nothing(); }, to_undefined);
    });
}
