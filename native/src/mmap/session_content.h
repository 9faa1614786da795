// The content of a session file: header, tokens, state. See the table in llama_state_mmap.h.

#pragma once

#include "registry.h"
#include "state_walker.h"

namespace lsm {

struct session_content {
    size_t   size     = 0; // exact length; 0 = none
    uint32_t n_tokens = 0;
};

size_t payload_offset(size_t n_tokens);

// Checks magic and version. ABSENT, BAD_MAGIC or BAD_VERSION with a report.
bool check_header(state_kind kind, const uint8_t * data, size_t size);

// Checks everything after magic and version.
bool check_body(const calibration & known, state_kind kind, const uint8_t * data, size_t size, session_content & out);

// Checks everything, so that llama.cpp can take it. Bytes after the content are allowed.
bool check_content(const calibration & known, state_kind kind, const uint8_t * data, size_t size, session_content & out);

bool check_tokens(const context_limits & limits, const uint8_t * tokens, size_t n_tokens);

// Version, token count and tokens; the magic stays as it is.
void write_header(state_kind kind, uint8_t * data, const llama_token * tokens, uint32_t n_tokens);

// The magic decides whether there is content: it is written in one store, after everything else.
void write_magic(state_kind kind, uint8_t * data);
void erase_magic(uint8_t * data);

} // namespace lsm
