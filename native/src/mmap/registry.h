// The installed llama.cpp functions, and what is known of each context.

#pragma once

#include "llama_state_mmap.h"
#include "state_layout.h"

#include <memory>

namespace lsm {

struct calibration {
    state_layout   layout;
    context_limits limits;
    const llama_model * model = nullptr;
};

// The table, or null with a report.
const llama_state_mmap_llama_api * api();

bool set_api(const llama_state_mmap_llama_api & table);

context_limits limits_of(const llama_state_mmap_llama_api & llama, const llama_context * ctx);

// What is known of the context, or null with a report. An entry of a freed context whose address was used again
// is not found, unless all its sizes are the same.
std::shared_ptr<const calibration> find_calibration(const llama_context * ctx);

// The same, and calibrates an empty context that nobody calibrated before.
std::shared_ptr<const calibration> calibration_of(llama_context * ctx);

void remember(const llama_context * ctx, calibration c);

bool calibrate(llama_context * ctx);
bool calibrate_from(llama_context * ctx, const llama_context * ctx_ref);
void forget(const llama_context * ctx);

} // namespace lsm
