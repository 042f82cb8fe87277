namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>What tunnels are used for.</summary>
internal enum TunnelLoad
{
    /// <summary>They are opened, and closed at once.</summary>
    Open,

    /// <summary>The origin sends as much as goes.</summary>
    Download,

    /// <summary>The client sends as much as goes.</summary>
    Upload,
}
