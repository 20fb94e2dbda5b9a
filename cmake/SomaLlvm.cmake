# soma_link_llvm(TARGET COMPONENT…): links LLVM 22's static archives into a shared object and hides every symbol of
# theirs: another LLVM in the same process (ROCm's comgr brings one) would otherwise bind to ours, and abort.
# COMPONENT is a name of llvm-config's, such as `AMDGPUDisassembler` or `Passes`.
# LLVM is found through LLVM_DIR (the folder of LLVMConfig.cmake, or a folder above it), or in /usr/lib/llvm-22.

set(SOMA_LLVM_MAJOR 22)

# LLVM_DIR is taken from the environment as well; CMake itself reads only the variable.
if(NOT LLVM_DIR AND DEFINED ENV{LLVM_DIR})
    set(LLVM_DIR "$ENV{LLVM_DIR}")
endif()
find_package(LLVM CONFIG REQUIRED
    HINTS "${LLVM_DIR}" "${LLVM_DIR}/lib/cmake/llvm" "/usr/lib/llvm-${SOMA_LLVM_MAJOR}/lib/cmake/llvm")
if(NOT LLVM_VERSION_MAJOR EQUAL SOMA_LLVM_MAJOR)
    message(FATAL_ERROR "Soma needs LLVM ${SOMA_LLVM_MAJOR}, but ${LLVM_DIR} has LLVM ${LLVM_PACKAGE_VERSION}: "
        "name another with -DLLVM_DIR=… or the environment variable LLVM_DIR")
endif()
foreach(backend AMDGPU NVPTX)
    if(NOT "${backend}" IN_LIST LLVM_TARGETS_TO_BUILD)
        message(FATAL_ERROR "the LLVM in ${LLVM_DIR} was built without the ${backend} target")
    endif()
endforeach()
message(STATUS "LLVM ${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}")

# LLVM's own linker is several times faster than GNU's on these archives, and takes a third of the memory.
set(SOMA_LLD_OPTIONS "")
if(EXISTS "${LLVM_TOOLS_BINARY_DIR}/ld.lld")
    set(SOMA_LLD_OPTIONS -fuse-ld=lld "-B${LLVM_TOOLS_BINARY_DIR}")
endif()

function(soma_link_llvm target)
    llvm_map_components_to_libnames(libraries ${ARGN})
    separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
    target_include_directories(${target} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
    target_compile_definitions(${target} PRIVATE ${definitions})
    # A class derived from one of LLVM's needs its base's type information, which such an LLVM doesn't have.
    if(NOT LLVM_ENABLE_RTTI)
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
    endif()
    target_link_libraries(${target} PRIVATE ${libraries})
    # LLVM's local symbols alone are 20 MB.
    # The compile cache tells builds apart by their ids.
    target_link_options(${target} PRIVATE ${SOMA_LLD_OPTIONS} $<$<CONFIG:Release>:-Wl,--strip-all> -Wl,--build-id=sha1
        -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,--as-needed -Wl,-Bsymbolic)
endfunction()
