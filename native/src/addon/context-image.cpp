#include "context-image.h"

#include "image-library.h"
#include "session-library.h"

#include "mapped_file.h"
#include "report.h"

using lsm::map_mode;
using lsm::mapped_file;

static lsm::placement_api require_placement() {
    const lsm::placement_api api = image_placement_api();
    if (!api.ggml.is_complete()) {
        throw session_error(llama_state_mmap_error_name(LLAMA_STATE_MMAP_UNSUPPORTED), "this libggml has no allocation functions to place cells with");
    }
    return api;
}

context_source source_for_building(const context_handle & like) {
    lsm::report_clear();
    const auto known = lsm::find_calibration(like.ctx);
    if (!known) {
        throw last_session_error();
    }
    const size_t size = lsm::image_size_of(known->layout, known->limits.n_ctx);
    if (size == 0) {
        throw session_error(llama_state_mmap_error_name(LLAMA_STATE_MMAP_UNSUPPORTED), "the cells of this model are not one plain KV cache");
    }
    context_source source;
    source.create = [api = require_placement(), size](llama_model * model, const llama_context_params & params) {
        auto map = lsm::image_map::zeros(size);
        return map ? lsm::create_placed(api, model, params, std::move(map)) : lsm::placed_context{};
    };
    source.calibrate = [reference = like.ctx](llama_context * ctx, lsm::kv_buffer *) {
        return lsm::calibrate_from(ctx, reference);
    };
    return source;
}

static std::optional<lsm::image_meta> read_meta(const image_files & files) {
    const auto file = mapped_file::open(files.meta.c_str(), map_mode::read_only);
    if (!file || !file->map(0)) {
        return std::nullopt;
    }
    auto meta = lsm::decode_image_meta({file->data(), file->data() + file->size()});
    if (meta && meta->identity != files.identity) {
        lsm::fail(LLAMA_STATE_MMAP_INCOMPATIBLE, "the image is of another base");
        return std::nullopt;
    }
    return meta;
}

context_source source_on_image(const image_files & files, uint32_t n_ctx, opened_image & out) {
    lsm::report_clear();
    auto meta = read_meta(files);
    if (!meta) {
        throw last_session_error();
    }
    if (meta->n_ctx != n_ctx) {
        throw session_error(llama_state_mmap_error_name(LLAMA_STATE_MMAP_INCOMPATIBLE),
                            "the image is of a context of " + std::to_string(meta->n_ctx) + " cells, not " + std::to_string(n_ctx));
    }
    out.tokens   = meta->tokens;
    out.checksum = meta->image_checksum;
    const auto shared = std::make_shared<const lsm::image_meta>(std::move(*meta));

    context_source source;
    source.create = [api = require_placement(), cells = files.cells, shared](llama_model * model, const llama_context_params & params) {
        auto map = lsm::image_map::open(cells.c_str(), (size_t) shared->image_size);
        return map ? lsm::create_placed(api, model, params, std::move(map)) : lsm::placed_context{};
    };
    source.calibrate = [shared](llama_context * ctx, lsm::kv_buffer * buffer) {
        return lsm::adopt_image(ctx, *buffer, *shared);
    };
    return source;
}

static bool write_meta(const std::string & path, const std::vector<uint8_t> & bytes) {
    const auto file = mapped_file::open(path.c_str(), map_mode::read_write);
    if (!file || !file->map(bytes.size())) {
        return false;
    }
    std::copy(bytes.begin(), bytes.end(), file->data());
    return file->finish(bytes.size());
}

written_image write_image(context_handle & context, const image_files & files, const std::vector<llama_token> & tokens) {
    lsm::report_clear();
    if (!context.buffer) {
        throw session_error(llama_state_mmap_error_name(LLAMA_STATE_MMAP_BAD_ARGUMENT), "this context was not made for building an image");
    }
    auto meta = lsm::describe_image(context.ctx, *context.buffer, tokens);
    if (!meta) {
        throw last_session_error();
    }
    meta->identity = files.identity;
    const lsm::image_map & map = *context.buffer->map;
    if (!lsm::image_write(files.cells.c_str(), map.data(), map.size(), meta->image_checksum)) {
        throw last_session_error();
    }
    const std::vector<uint8_t> bytes = lsm::encode(*meta);
    if (!write_meta(files.meta, bytes)) {
        throw last_session_error();
    }
    return { map.size(), bytes.size(), meta->image_checksum };
}
