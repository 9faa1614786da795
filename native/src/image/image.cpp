#include "image.h"

#include "report.h"
#include "state_walker.h"

#include <cstring>

namespace lsm {

namespace {

// llama_state_get_data() in address space only: rows that nobody writes take no memory.
std::unique_ptr<image_map> state_without_rows(size_t size) {
    return image_map::zeros(size);
}

// The state of the context on top of whose image it is put: the head, and before the rows of each tensor their header.
void write_state(const image_meta & meta, uint32_t n_cells, uint8_t * out) {
    memcpy(out, meta.head.data(), meta.head.size());
    out += meta.head.size();
    const kv_section & section = meta.layout.sections[0];
    for (const auto * tensors : { &section.k, &section.v }) {
        for (const kv_tensor & tensor : *tensors) {
            memcpy(out, &tensor.type, sizeof(tensor.type));
            memcpy(out + sizeof(tensor.type), &tensor.row_size, sizeof(tensor.row_size));
            out += sizeof(tensor.type) + sizeof(tensor.row_size) + n_cells * tensor.row_size;
        }
    }
}

size_t rows_size(const state_layout & layout, uint32_t n_cells) {
    size_t size = 0;
    for (const auto * tensors : { &layout.sections[0].k, &layout.sections[0].v }) {
        for (const kv_tensor & tensor : *tensors) {
            size += sizeof(tensor.type) + sizeof(tensor.row_size) + n_cells * tensor.row_size;
        }
    }
    return size;
}

} // namespace

placed_context create_placed(const placement_api & api, llama_model * model, const llama_context_params & params,
                             std::unique_ptr<image_map> map) {
    kv_placement    placement(api.ggml, std::move(map));
    llama_context * ctx = api.init(model, params);
    if (ctx == nullptr) {
        fail(LLAMA_STATE_MMAP_UNSUPPORTED, "llama.cpp could not create the context");
        return {};
    }
    if (!placement.is_placed()) {
        api.free(ctx);
        fail(LLAMA_STATE_MMAP_UNSUPPORTED, "llama.cpp did not ask for one K/V buffer of the expected size in host memory");
        return {};
    }
    return { ctx, placement.buffer() };
}

std::optional<image_meta> describe_image(llama_context * ctx, kv_buffer & buffer, std::vector<llama_token> tokens) {
    const llama_state_mmap_llama_api * llama = api();
    const auto known = llama != nullptr ? find_calibration(ctx) : nullptr;
    if (!known) {
        return std::nullopt;
    }
    image_meta meta;
    meta.n_ctx      = known->limits.n_ctx;
    meta.image_size = image_size_of(known->layout, meta.n_ctx);
    meta.layout     = known->layout;
    meta.tokens     = std::move(tokens);
    if (meta.image_size != buffer.map->size()) {
        fail(LLAMA_STATE_MMAP_UNSUPPORTED, "the context's cells do not have the form of an image");
        return std::nullopt;
    }
    const size_t size  = llama->llama_state_get_size(ctx);
    const auto   state = state_without_rows(size);
    if (!state) {
        return std::nullopt;
    }
    const kv_data_kept kept(buffer); // the rows stay where they are
    walked_state walked;
    if (llama->llama_state_get_data(ctx, state->data(), size) != size
        || !walk_state(known->layout, known->limits, state_kind::context, state->data(), size, walked)) {
        fail(LLAMA_STATE_MMAP_UNSUPPORTED, "llama.cpp's state of the context is not understood");
        return std::nullopt;
    }
    if (walked.n_cells != meta.tokens.size() || walked.n_cells == 0) {
        fail(LLAMA_STATE_MMAP_BAD_ARGUMENT, "the context holds %u cells, not the %zu of the tokens", walked.n_cells, meta.tokens.size());
        return std::nullopt;
    }
    meta.head.assign(state->data(), state->data() + size - rows_size(known->layout, walked.n_cells));
    return meta;
}

bool adopt_image(llama_context * ctx, kv_buffer & buffer, const image_meta & meta) {
    const llama_state_mmap_llama_api * llama = api();
    if (llama == nullptr) {
        return false;
    }
    const calibration known = { meta.layout, limits_of(*llama, ctx), llama->llama_get_model(ctx) };
    const uint32_t    n_cells = (uint32_t) meta.tokens.size();
    if (known.limits.n_ctx != meta.n_ctx || n_cells == 0 || n_cells > known.limits.n_ctx) {
        return fail(LLAMA_STATE_MMAP_INCOMPATIBLE, "the image has %u of %u cells, the context %u", n_cells, meta.n_ctx, known.limits.n_ctx);
    }
    const size_t size  = meta.head.size() + rows_size(meta.layout, n_cells);
    const auto   state = state_without_rows(size);
    if (!state) {
        return false;
    }
    write_state(meta, n_cells, state->data());
    walked_state walked;
    if (!walk_state(known.layout, known.limits, state_kind::context, state->data(), size, walked)) {
        return false;
    }
    if (walked.n_cells != n_cells || walked.size != size) {
        return fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "the image's head is of %u cells, its tokens are %u", walked.n_cells, n_cells);
    }
    {
        const kv_data_kept kept(buffer); // they are the image's
        if (llama->llama_state_set_data(ctx, state->data(), size) != size) {
            return fail(LLAMA_STATE_MMAP_REFUSED, "llama.cpp did not take the image's cells");
        }
    }
    // What llama.cpp itself would save now must have the form that was assumed.
    if (llama->llama_state_get_size(ctx) != size) {
        return fail(LLAMA_STATE_MMAP_REFUSED, "llama.cpp's cells have another form than the image's");
    }
    remember(ctx, known);
    return true;
}

} // namespace lsm
