using System.Net;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// Credentials for where the caller sends a request, but not for where a response sends it on. SocketsHttpHandler has the same rule
/// for its own redirects.
/// </summary>
internal sealed class FirstHopCredentials(ICredentials credentials) : ICredentials
{
    /// <summary>A cache of credentials names the places that they are for, and is taken at its word.</summary>
    public static ICredentials? Of(ICredentials? credentials) =>
        credentials is null or CredentialCache ? credentials : new FirstHopCredentials(credentials);

    public NetworkCredential? GetCredential(Uri uri, string authType) =>
        RequestScope.Current is { IsRedirected: true } ? null : credentials.GetCredential(uri, authType);
}
