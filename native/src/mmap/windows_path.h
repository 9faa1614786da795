// Paths are UTF-8 in the API and UTF-16 in Windows.

#pragma once

#include <string>

namespace lsm {

// The absolute path in the form without a length limit (\\?\C:\...). False with a report if it is not a path.
bool wide_path(const std::string & path, std::wstring & out);

std::string utf8_of(const std::wstring & text);

} // namespace lsm
