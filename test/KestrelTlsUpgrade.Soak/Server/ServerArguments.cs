using System.Globalization;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>What a server process is told: the descriptors of its sockets, the port that tunnels lead to, and its certificate.</summary>
internal sealed record ServerArguments(ulong Web, ulong Tunnel, int WebPort, string CertificatePath)
{
    public static ServerArguments Parse(string[] args) => new(
        ulong.Parse(args[0], CultureInfo.InvariantCulture),
        ulong.Parse(args[1], CultureInfo.InvariantCulture),
        int.Parse(args[2], CultureInfo.InvariantCulture),
        args[3]);
}
