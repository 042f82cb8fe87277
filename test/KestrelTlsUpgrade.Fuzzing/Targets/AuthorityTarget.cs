using System.Net;
using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The target of a CONNECT: written anew it is the same, and nobody else understands it otherwise.</summary>
internal static class AuthorityTarget
{
    public static void Run(FuzzInput input)
    {
        var authority = Encoding.Latin1.GetString(input.Wire);
        var target = ConnectTarget.Parse(authority);
        Oracle.Same(target, ConnectTarget.Parse(authority.ToUpperInvariant()), "Case does not matter.");
        if (HostName.IsValid(authority))
        {
            Oracle.Holds(ConnectTarget.IsHost(authority), "A name is a host.");
            Oracle.Holds(!IPAddress.TryParse(authority, out _), "No name is an address to anybody.");
            Oracle.Holds(authority.Length <= HostName.MaxLength + 1, "A name has its length.");
        }

        if (target is not null)
        {
            Check(target, authority);
        }
    }

    public static void Check(ConnectTarget target, string authority)
    {
        Oracle.Holds(target.Port is > 0 and <= IPEndPoint.MaxPort, "A port is one.");
        Oracle.Same(target, ConnectTarget.Parse(target.Authority), "Written anew it is the same target.");
        Oracle.Same(target.Authority, ConnectTarget.Parse(target.Authority)!.Authority, "There is one way to write it.");
        Oracle.Holds(ConnectTarget.IsHost(authority), "What is a target has a host.");
        Oracle.Holds(authority.EndsWith($":{target.Port}", StringComparison.Ordinal), "The port is the one that was written.");
        if (target.Address is null)
        {
            var name = authority[..authority.LastIndexOf(':')];
            Oracle.Same(name.ToLowerInvariant(), target.Host, "A name stays what it is.");
            Oracle.Holds(target.Host.All(static c => c is '-' or '.' or '_' || char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)), "A name is plain.");
            Oracle.Holds(!IPAddress.TryParse(target.Host, out _), "No name is an address to anybody.");
            Oracle.Holds(!IPAddress.TryParse(target.Host.TrimEnd('.'), out _), "No name is an address to anybody.");
            return;
        }

        Oracle.Same(target.Address, IPAddress.Parse(target.Host), "An address is written as it is.");
        Oracle.Holds(target.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6, "An address is one of IP.");
        Oracle.Holds(target.Address.AddressFamily is AddressFamily.InterNetwork || target.Address.ScopeId == 0, "There is no zone.");
        Oracle.Holds(Uri.TryCreate($"http://{authority}/", UriKind.Absolute, out var uri), "A URI can have it.");
        Oracle.Same(target.Address, IPAddress.Parse(uri.DnsSafeHost), "It is the same address in a URI.");
        Oracle.Same(target.Port, uri.Port, "It is the same port in a URI.");
    }
}
