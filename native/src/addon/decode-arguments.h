// Reads and checks the arguments of Context.decode.
#pragma once

#include "arguments.h"
#include "decode.h"

// JS thread. Everything but the positions is checked here. Throws native_error.
decode_request read_decode_request(const argument & items, const argument & options, const context_handle & context);
