namespace KestrelTlsUpgrade.Tool;

/// <summary>Ends the program with an exit code and a line that says why.</summary>
internal sealed class ToolException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
