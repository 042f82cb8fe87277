using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>
/// Kestrel warns that an endpoint without https does not serve HTTP/2, if its <c>Protocols</c> name it and were not left at their default.
/// On an upgrade endpoint that is not true: clients that start with TLS get HTTP/2.
/// </summary>
internal static class ExplicitProtocols
{
    /// <summary>Lets the endpoint's protocols, which stay as they are, pass for the default.</summary>
    public static void Forget(ListenOptions endpoint)
    {
        try
        {
            Set(endpoint, false);
        }
        catch (MissingMethodException)
        {
            // Another version of Kestrel. Then it warns.
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ProtocolsSetExplicitly")]
    private static extern void Set(ListenOptions endpoint, bool value);
}
