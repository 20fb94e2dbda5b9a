# soma_export_only(TARGET PATTERN…): a shared object exports the symbols that match, such as `hip*`, and no other.
# Hidden visibility is not enough: what headers of others instantiate may ask for default visibility.

function(soma_export_only target)
    set(patterns "")
    foreach(pattern IN LISTS ARGN)
        string(APPEND patterns " ${pattern};")
    endforeach()
    set(script "${CMAKE_CURRENT_BINARY_DIR}/${target}.exports")
    file(CONFIGURE OUTPUT "${script}" CONTENT "{ global:${patterns} local: *; };\n")
    target_link_options(${target} PRIVATE "-Wl,--version-script=${script}")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
endfunction()
