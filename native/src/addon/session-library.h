// llama_state_mmap as the addon uses it: its function table, and its reports as exceptions.
#pragma once

#include "native-error.h"

#include "llama_state_mmap.h"

// Gives llama_state_mmap the functions of the loaded libllama. Throws native_error (ERR_WARMFORK_LIBRARY).
void session_library_install();

// The report of the last llama_state_mmap call of this thread, as ERR_WARMFORK_SESSION with its reason.
native_error last_session_error();

// Throws it if there is one: for calls that return nothing.
void throw_session_error();
