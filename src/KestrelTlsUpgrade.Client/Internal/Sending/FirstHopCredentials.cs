using System.Net;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// Credentials for the caller's own target, but not for redirect targets. SocketsHttpHandler applies the same rule to its own redirects.
/// </summary>
internal sealed class FirstHopCredentials(ICredentials credentials) : ICredentials
{
    /// <summary>A credential cache names the origins it is for, so it is used as is.</summary>
    public static ICredentials? Of(ICredentials? credentials) =>
        credentials is null or CredentialCache ? credentials : new FirstHopCredentials(credentials);

    public NetworkCredential? GetCredential(Uri uri, string authType) =>
        RequestScope.Current is { IsRedirected: true } ? null : credentials.GetCredential(uri, authType);
}
