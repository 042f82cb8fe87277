namespace KestrelTlsUpgrade.Tool;

/// <summary>The program's exit codes. They are documented in the README and do not change.</summary>
internal static class ExitCode
{
    /// <summary>probe: the server upgrades and there are no findings. Requests: a response was received. advise: the step breaks no caller.</summary>
    public const int Ok = 0;

    /// <summary>The server does not upgrade.</summary>
    public const int NotUpgraded = 1;

    /// <summary>advise: the answer is no report, or it says nothing of the step.</summary>
    public const int NoAdvice = 1;

    /// <summary>probe: the server upgrades, but there are findings. advise: the step breaks callers.</summary>
    public const int Findings = 2;

    /// <summary>No connection, or the server does not speak HTTP; a proxy that refuses to connect.</summary>
    public const int Unreachable = 3;

    /// <summary>Requests: the TLS handshake failed or the certificate was rejected.</summary>
    public const int TlsFailed = 4;

    /// <summary>Requests: no complete response was received: too late, cut off, or not HTTP.</summary>
    public const int ExchangeFailed = 5;

    /// <summary>A file could not be read or written.</summary>
    public const int FileFailed = 6;

    /// <summary>Requests with --fail: a status of 400 or more.</summary>
    public const int HttpError = 22;

    /// <summary>The command line is invalid.</summary>
    public const int Usage = 64;

    /// <summary>A bug in this program.</summary>
    public const int Defect = 70;

    /// <summary>Ended by the user.</summary>
    public const int Cancelled = 130;
}
