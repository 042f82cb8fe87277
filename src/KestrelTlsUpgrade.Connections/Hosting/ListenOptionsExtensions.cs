using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

internal static class ListenOptionsExtensions
{
    /// <summary>Whether <c>UseHttps()</c> has been called. Kestrel shows it only in the endpoint's address.</summary>
    public static bool UsesHttps(this ListenOptions endpoint) => endpoint.ToString()!.StartsWith("https://", StringComparison.Ordinal);
}
