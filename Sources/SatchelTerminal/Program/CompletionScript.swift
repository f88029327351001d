/// What a shell completes a command with.
enum CompletionScript {
    /// The argument parser's script for bash or zsh with `--language` and `--home` before the verb, of which the argument parser does not know; one that looks
    /// otherwise stays as it is.
    static func offeringLeadingOptions(_ script: String) -> String {
        let bash = "    local -a non_repeating_options=()\n    __satchel_offer_flags_options 0\n"
        let bashWithOptions = """
                local -a non_repeating_options=(--language --home)
                __satchel_offer_flags_options 0

                # Offer option value completions
                if [[ "${prev}" = --language && "${#unparsed_words[@]}" -eq 0 ]]; then
                    __satchel_add_completions -W 'en'$'\\n''zh'
                    return
                fi
                if [[ "${prev}" = --home && "${#unparsed_words[@]}" -eq 0 ]]; then
                    __satchel_add_completions -d
                    return
                fi

            """
        let zsh = "    local -ar arg_specs=(\n"
        let zshWithOptions =
            zsh + "        '--language[en or zh]:language:(en zh)'\n        '--home[a home folder]:dir:_files -/'\n"
        return script.contains(bash)
            ? script.replacing(bash, with: bashWithOptions, maxReplacements: 1)
            : script.replacing(zsh, with: zshWithOptions, maxReplacements: 1)
    }
}
