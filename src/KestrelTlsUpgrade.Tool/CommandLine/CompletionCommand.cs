using System.CommandLine;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary><c>tls-upgrade completion</c>. The scripts ask this program for what fits, with the parser's directive <c>[suggest]</c>.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _tls_upgrade() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(tls-upgrade "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _tls_upgrade tls-upgrade
            """,
        ["zsh"] = """
            _tls_upgrade() {
                local -a fitting
                fitting=(${(f)"$(tls-upgrade "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"})
                compadd -a fitting || _files
            }
            compdef _tls_upgrade tls-upgrade
            """,
        ["fish"] = """
            complete -c tls-upgrade -a '(tls-upgrade "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
            """,
    };

    public static Command Create(ToolConsole console)
    {
        var shell = new Argument<string>("shell") { Description = "The shell." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        shell.Validators.Clear();
        shell.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var value }] && !Scripts.ContainsKey(value))
            {
                result.AddError($"'{value}' is no shell that is known here: {string.Join(", ", Scripts.Keys)}.");
            }
        });
        var command = new Command("completion", "Writes a script that completes commands and options in a shell.") { shell };
        command.SetAction(result => console.Out.WriteLine(Scripts[result.GetValue(shell)!].ReplaceLineEndings("\n")));
        return command;
    }
}
