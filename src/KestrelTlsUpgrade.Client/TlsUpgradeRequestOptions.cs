namespace KestrelTlsUpgrade.Client;

/// <summary>Options for a single request, set in <see cref="HttpRequestMessage.Options"/>.</summary>
public static class TlsUpgradeRequestOptions
{
    /// <summary>
    /// Whether the content can be sent a second time, after a <c>426 Upgrade Required</c>
    /// (<see cref="TlsUpgradeMode.OnDemand"/>). Not needed for contents that hold their bytes (<see cref="ByteArrayContent"/>,
    /// <see cref="StringContent"/>, <see cref="FormUrlEncodedContent"/>, <see cref="ReadOnlyMemoryContent"/>, and multipart
    /// contents of these) or an object (<see cref="System.Net.Http.Json.JsonContent"/>).
    /// </summary>
    public static HttpRequestOptionsKey<bool> CanRepeatContent { get; } = new("KestrelTlsUpgrade.CanRepeatContent");
}
