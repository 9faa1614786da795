// Session files by llama.cpp's own file calls: the fallback where files cannot be mapped. Inference thread.
#pragma once

#include "context-handle.h"
#include "exported-state.h"

#include <string>
#include <vector>

// All throw native_error (ERR_WARMFORK_SESSION). `sequence` -1 is the whole context. Save returns the file's bytes.
size_t                   save_state_file(context_handle & context, const std::string & path, llama_seq_id sequence,
                                         const std::vector<llama_token> & tokens);
std::vector<llama_token> load_state_file(context_handle & context, const std::string & path, llama_seq_id sequence);

// The same of a sequence that was copied out of its context, by ordinary file calls; any thread.
size_t save_exported_file(const std::string & path, const state_memory & state, const std::vector<llama_token> & tokens);
