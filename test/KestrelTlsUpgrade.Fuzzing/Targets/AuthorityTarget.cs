extern alias Tunnel;

using System.Net;
using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Fuzzing.Input;
using Tunnel::KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The target of a CONNECT: what is understood has one way to be written, which means the same to everybody.</summary>
internal static class AuthorityTarget
{
    public static void Run(FuzzInput input)
    {
        var text = Encoding.Latin1.GetString(input.Wire);
        if (ConnectTarget.Parse(text) is not { } target)
        {
            return;
        }

        Oracle.Holds(target.Port is > 0 and <= IPEndPoint.MaxPort, "A port is one.");
        Oracle.Holds(text.EndsWith($":{target.Port}", StringComparison.Ordinal), "The port is what stands behind the last colon.");
        Oracle.Holds(ConnectTarget.IsHost(text), "What has a port is a host.");
        Oracle.Same(target, ConnectTarget.Parse(target.Authority), "What is written is read.");
        Oracle.Same(target.Authority, ConnectTarget.Parse(target.Authority)!.Authority, "There is one way to write it.");
        Oracle.Holds(target.Authority.All(static c => c is > ' ' and <= '~'), "Nothing but visible ASCII goes on to the next proxy.");
        if (target.Address is { } address)
        {
            Oracle.Same(address, IPAddress.Parse(target.Host), "An address is what its text says.");
            Oracle.Holds(address.AddressFamily is AddressFamily.InterNetwork || address.ScopeId == 0, "There are no zones.");
        }
        else
        {
            // A resolver must not take for an address what was not checked as one.
            Oracle.Holds(!IPAddress.TryParse(target.Host, out _), "A name is no address in any spelling.");
            Oracle.Holds(Uri.CheckHostName(target.Host.Replace('_', '-').TrimEnd('.')) is UriHostNameType.Dns or UriHostNameType.Basic or UriHostNameType.Unknown, "A name is a name.");
            Oracle.Same(text[..text.LastIndexOf(':')].ToLowerInvariant(), target.Host, "A name stays what it is.");
        }
    }
}
