// The only file that includes napi.h: one set of switches for every file of the addon.
#pragma once

// napi.h then catches C++ exceptions at the border of every callback: none crosses into Node.
#define NODE_ADDON_API_CPP_EXCEPTIONS_ALL
#define NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED

#include <napi.h>
