# nc_run_in_node(<target>): an executable that `node <target>.cjs` runs, with the real file system. package.json says "type": "module", hence .cjs.
function(nc_run_in_node target)
  set_target_properties(${target} PROPERTIES SUFFIX ".cjs")
  target_link_options(${target} PRIVATE
    -sENVIRONMENT=node -sNODERAWFS -sEXIT_RUNTIME -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB
    -sSTACK_SIZE=1MB) # the default of 64 KB overflows in GoogleTest itself
endfunction()
