namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The other side says, in a whole response, that what came was not whole, or took too long.</summary>
internal sealed class GivenUpException(int status) : Exception($"It was answered with {status}.")
{
    /// <summary>Whether a client went on in clear text to what requires TLS.</summary>
    public bool IsInClearText => status == 426;

    /// <summary>Whether a response is one that says so, and not one that was asked for.</summary>
    public static bool IsSaidBy(int status) => status is 400 or 408 or 502 or 504;
}
