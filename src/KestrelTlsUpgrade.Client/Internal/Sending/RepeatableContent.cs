using System.Net.Http.Json;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>Decides whether a request can be sent a second time.</summary>
internal static class RepeatableContent
{
    private static readonly HashSet<Type> Types =
    [
        typeof(ByteArrayContent), typeof(StringContent), typeof(FormUrlEncodedContent), typeof(ReadOnlyMemoryContent), typeof(JsonContent),
    ];

    public static bool CanRepeat(HttpRequestMessage request) =>
        (request.Options.TryGetValue(TlsUpgradeRequestOptions.CanRepeatContent, out var canRepeat) && canRepeat)
        || CanRepeat(request.Content);

    /// <summary>Derived types may behave differently, so only the exact types count.</summary>
    private static bool CanRepeat(HttpContent? content) => content switch
    {
        null => true,
        MultipartContent parts => (content.GetType() == typeof(MultipartContent) || content.GetType() == typeof(MultipartFormDataContent))
            && parts.All(CanRepeat),
        _ => Types.Contains(content.GetType()),
    };
}
