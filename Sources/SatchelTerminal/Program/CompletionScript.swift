/// What a shell completes a command with.
enum CompletionScript {
    /// The argument parser's script for bash or zsh with `--language` before the verb, of which the argument parser does not know; one that looks
    /// otherwise stays as it is.
    static func offeringLanguage(_ script: String) -> String {
        let bash = "    local -a non_repeating_options=()\n    __satchel_offer_flags_options 0\n"
        let bashWithLanguage = """
                local -a non_repeating_options=(--language)
                __satchel_offer_flags_options 0

                # Offer option value completions
                if [[ "${prev}" = --language && "${#unparsed_words[@]}" -eq 0 ]]; then
                    __satchel_add_completions -W 'en'$'\\n''zh'
                    return
                fi

            """
        let zsh = "    local -ar arg_specs=(\n"
        let zshWithLanguage = zsh + "        '--language[en or zh]:language:(en zh)'\n"
        return script.contains(bash)
            ? script.replacing(bash, with: bashWithLanguage, maxReplacements: 1)
            : script.replacing(zsh, with: zshWithLanguage, maxReplacements: 1)
    }
}
