// How a native handle becomes a JavaScript object, and how an argument is recognised as one.
#pragma once

#include "arguments.h"
#include "environment.h"

#include <memory>

// Base of the wrapping classes. `Wrap` has a static `tag` and `js_name`; `Handle` is what it holds until it is closed.
template <class Wrap, class Handle> class handle_wrap : public Napi::ObjectWrap<Wrap> {
public:
    // The constructor is only called by wrap(): JavaScript cannot make one out of nothing.
    handle_wrap(const Napi::CallbackInfo & info) : Napi::ObjectWrap<Wrap>(info), handle(std::move(pending())) {
        pending().reset();
        if (!handle) {
            throw Napi::TypeError::New(info.Env(), "Illegal constructor");
        }
        info.This().As<Napi::Object>().TypeTag(&Wrap::tag);
    }

    static Napi::Object wrap(Napi::FunctionReference & constructor, std::shared_ptr<Handle> handle) {
        pending() = std::move(handle);
        return constructor.New({});
    }

    static Wrap & from(const argument & arg) {
        if (!arg.value.IsObject() || !arg.value.As<Napi::Object>().CheckTypeTag(&Wrap::tag)) {
            throw wrong_type(arg.name + " must be a " + Wrap::js_name);
        }
        return *Napi::ObjectWrap<Wrap>::Unwrap(arg.value.As<Napi::Object>());
    }

    // Throws ERR_WARMFORK_CLOSED.
    std::shared_ptr<Handle> open_handle() const {
        if (!handle || environment::of(this->Env()).stopping) {
            throw closed_error(Wrap::js_name);
        }
        return handle;
    }

protected:
    std::shared_ptr<Handle> handle; // null once closed

private:
    static std::shared_ptr<Handle> & pending() {
        static thread_local std::shared_ptr<Handle> value;
        return value;
    }
};

// A property that cannot be changed.
inline void define_constant(Napi::Object object, const char * name, Napi::Value value) {
    object.DefineProperty(Napi::PropertyDescriptor::Value(name, value, napi_enumerable));
}
