// What the base mapped in place needs of libllama and libggml, beside the table of llama-api.h.
#pragma once

#include "shared-library.h"

#include "image.h"

// Resolves the allocation functions of libggml. Without them images are unsupported, and everything else works.
void image_library_install(const std::string & ggml_path);

// is_complete() is false where images are unsupported.
lsm::placement_api image_placement_api();
