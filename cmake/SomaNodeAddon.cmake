# soma_node_addon(NAME SOURCE…): a Node addon, build/native/NAME.node, on node-addon-api with C++ exceptions.
# The headers come from node_modules (node-addon-api, node-api-headers), so no Node headers need to be installed; the
# napi_… symbols stay undefined until Node loads the addon.

set(SOMA_NODE_API_HEADERS "${CMAKE_SOURCE_DIR}/node_modules/node-api-headers/include")
set(SOMA_NODE_ADDON_API "${CMAKE_SOURCE_DIR}/node_modules/node-addon-api")

function(soma_node_addon name)
    if(NOT EXISTS "${SOMA_NODE_API_HEADERS}/node_api.h" OR NOT EXISTS "${SOMA_NODE_ADDON_API}/napi.h")
        message(FATAL_ERROR "node_modules has no node-addon-api or node-api-headers: run `npm ci` first")
    endif()
    add_library(${name} MODULE ${ARGN})
    set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".node")
    target_include_directories(${name} SYSTEM PRIVATE "${SOMA_NODE_API_HEADERS}" "${SOMA_NODE_ADDON_API}")
    soma_export_only(${name} napi_register_module_v1 node_api_module_get_api_version_v1)
    # Version 9 of Node-API is in every Node that package.json allows.
    target_compile_definitions(${name} PRIVATE NAPI_VERSION=9 NAPI_CPP_EXCEPTIONS
        # Whatever C++ throws becomes a JavaScript error, for want of memory as well.
        NODE_ADDON_API_CPP_EXCEPTIONS_ALL
        # A job may end while its worker thread is being stopped, when no JavaScript can be run any more.
        NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)
endfunction()
