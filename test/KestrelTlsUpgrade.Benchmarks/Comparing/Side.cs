using KestrelTlsUpgrade.Benchmarks.Loads;
using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>One side of a comparison.</summary>
internal readonly record struct Side(ServerSpec Server, Load Load)
{
    public Side(ServerKind server, Load load)
        : this(new ServerSpec(server), load)
    {
    }

    /// <summary>The programs it needs that are not installed.</summary>
    public IEnumerable<string> MissingPrograms =>
        new[] { Server.Program, Load.Program }.OfType<string>().Where(static program => !PeerProgram.Exists(program));
}
