#include "kv_buffer.h"

#include "ggml-backend-impl.h"

#include <cstring>

namespace lsm {

namespace {

using allocate_fn = ggml_backend_buffer_t (*)(ggml_backend_buffer_type_t, size_t);

std::mutex                  hook_mutex;
allocate_fn                 original = nullptr; // set while hook_mutex is held
thread_local kv_placement * wanted   = nullptr;

// The context of our ggml buffers.
using owner = std::shared_ptr<kv_buffer>;

kv_buffer & of(ggml_backend_buffer_t buffer) {
    return **static_cast<owner *>(buffer->context);
}

void free_buffer(ggml_backend_buffer_t buffer) {
    delete static_cast<owner *>(buffer->context);
}

void * get_base(ggml_backend_buffer_t buffer) {
    return of(buffer).map->data();
}

void set_tensor(ggml_backend_buffer_t buffer, ggml_tensor * tensor, const void * data, size_t offset, size_t size) {
    if (of(buffer).n_keepers == 0) {
        memcpy((uint8_t *) tensor->data + offset, data, size);
    }
}

void get_tensor(ggml_backend_buffer_t buffer, const ggml_tensor * tensor, void * data, size_t offset, size_t size) {
    if (of(buffer).n_keepers == 0) {
        memcpy(data, (const uint8_t *) tensor->data + offset, size);
    }
}

void clear(ggml_backend_buffer_t buffer, uint8_t value) {
    kv_buffer & self = of(buffer);
    if (self.n_keepers > 0 || (value == 0 && self.map->wipe())) {
        return;
    }
    memset(self.map->data(), value, self.map->size());
}

} // namespace

kv_placement::kv_placement(const kv_buffer_api & api, std::unique_ptr<image_map> map) :
    api(api), lock(hook_mutex), target(std::make_shared<kv_buffer>()) {
    target->map = std::move(map);

    ggml_backend_buffer_type_t type = api.cpu_buffer_type();
    original                 = type->iface.alloc_buffer;
    type->iface.alloc_buffer = allocate;
    wanted                   = this;
    ++target->n_keepers; // llama.cpp clears the new buffer
}

kv_placement::~kv_placement() {
    --target->n_keepers;
    wanted = nullptr;
    api.cpu_buffer_type()->iface.alloc_buffer = original;
    // `original` stays: another thread may have read the hook's address just before
}

ggml_backend_buffer_t kv_placement::allocate(ggml_backend_buffer_type_t type, size_t size) {
    kv_placement * self = wanted;
    if (self == nullptr || size != self->target->map->size() || ++self->n_matches > 1) {
        return original(type, size);
    }
    return self->place(type);
}

ggml_backend_buffer_t kv_placement::place(ggml_backend_buffer_type_t type) {
    auto held = std::make_unique<owner>(target);
    ggml_backend_buffer_t buffer = api.cpu_buffer_from_ptr(target->map->data(), target->map->size());
    if (buffer == nullptr) {
        return nullptr;
    }
    // Of the type that was asked for, so that llama.cpp treats it as the buffer it would have got.
    buffer->buft              = type;
    buffer->context           = held.release();
    buffer->iface.free_buffer = free_buffer;
    buffer->iface.get_base    = get_base;
    buffer->iface.set_tensor  = set_tensor;
    buffer->iface.get_tensor  = get_tensor;
    buffer->iface.clear       = clear;
    return buffer;
}

} // namespace lsm
