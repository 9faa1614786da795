// Contexts whose cells are an image of a base: made to write one, or opened on one. Throw native_error.
#pragma once

#include "context-handle.h"

#include <string>
#include <vector>

struct image_files {
    std::string cells;
    std::string meta;
    std::string identity;
};

struct opened_image {
    std::shared_ptr<context_handle> context;
    std::vector<llama_token>        tokens;
    uint64_t                        checksum = 0; // that its cells must have
};

struct written_image {
    size_t   cells_bytes = 0;
    size_t   meta_bytes  = 0;
    uint64_t checksum    = 0;
};

// Where the cells of a context made by these lie. To be given to the constructor of context_handle.
context_source source_for_building(const context_handle & like);
context_source source_on_image(const image_files & files, uint32_t n_ctx, opened_image & out);

// The context must come from source_for_building() and hold `tokens` and nothing else. Both files are new, and durable.
written_image write_image(context_handle & context, const image_files & files, const std::vector<llama_token> & tokens);
