# warmfork_options: how every target of ours is compiled.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_library(warmfork_options INTERFACE)

if(MSVC)
  target_compile_options(warmfork_options INTERFACE /W4)
else()
  target_compile_options(warmfork_options INTERFACE -Wall -Wextra)
endif()

if(WARMFORK_SANITIZE)
  target_compile_options(warmfork_options INTERFACE -fsanitize=${WARMFORK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  target_link_options(warmfork_options INTERFACE -fsanitize=${WARMFORK_SANITIZE})
endif()
