// Functions of libggml that are not in the table of llama-api.h.
#pragma once

#include "shared-library.h"

// nullptr if neither libggml nor libggml-base has it.
void * find_in_ggml(const shared_library & ggml, const char * name);
