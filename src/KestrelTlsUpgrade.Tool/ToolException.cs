namespace KestrelTlsUpgrade.Tool;

/// <summary>Ends the program with an exit code and a message.</summary>
internal sealed class ToolException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
