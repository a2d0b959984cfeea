# All compile flags live in one INTERFACE target.
option(PT_WERROR "Warnings are errors" OFF)
set(PT_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
option(PT_FUZZ "Build the fuzzers (clang)" OFF)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(pt_flags INTERFACE)
target_include_directories(pt_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_definitions(pt_flags INTERFACE _GNU_SOURCE)
target_compile_options(pt_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes
    -Wvla -Wswitch-enum -Wformat=2 -Wundef -fno-common -fno-math-errno -ffp-contract=off)
# gcc's guess at -O2 does not see that a failed call never leaves its outputs read; clang's and the analyzer's checks do.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(pt_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(PT_WERROR)
    target_compile_options(pt_flags INTERFACE -Werror)
endif()
if(PT_SANITIZE)
    target_compile_options(pt_flags INTERFACE -fsanitize=${PT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(pt_flags INTERFACE -fsanitize=${PT_SANITIZE})
endif()
if(PT_FUZZ)
    target_compile_options(pt_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
    target_link_options(pt_flags INTERFACE -fsanitize=address,undefined)
endif()

# pt_room(NAME SOURCES ... LINK ...): the static library of one room.
function(pt_room name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC pt_flags ${ARG_LINK})
endfunction()

# pt_test(NAME SOURCES ... LINK ...): one cmocka program, one CTest entry.
function(pt_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE pt_flags ${ARG_LINK} PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
