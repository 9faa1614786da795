// A context whose cells are an image: made, described and opened. No file formats and no operating system here.
// The thread of the context. Every function that returns false or null has set the report.

#pragma once

#include "image_meta.h"
#include "kv_buffer.h"

#include <memory>
#include <vector>

namespace lsm {

// A context and the memory its cells lie on.
struct placed_context {
    llama_context * ctx = nullptr;
    std::shared_ptr<kv_buffer> buffer;
};

struct placement_api {
    kv_buffer_api ggml;
    decltype(&::llama_init_from_model) init = nullptr;
    decltype(&::llama_free)            free = nullptr;
};

// Makes a context with its K/V tensors on `map`. No context when the hook did not find exactly one K/V buffer.
placed_context create_placed(const placement_api & api, llama_model * model, const llama_context_params & params,
                             std::unique_ptr<image_map> map);

// What stands in the metadata of the image of `ctx`, whose cells hold `tokens` and nothing else. Copies no K/V byte.
// image_checksum is left to the caller.
std::optional<image_meta> describe_image(llama_context * ctx, kv_buffer & buffer, std::vector<llama_token> tokens);

// Makes a new context on an image know its cells. It must be empty; afterwards it is calibrated.
bool adopt_image(llama_context * ctx, kv_buffer & buffer, const image_meta & meta);

} // namespace lsm
