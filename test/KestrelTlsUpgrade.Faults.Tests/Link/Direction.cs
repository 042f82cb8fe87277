namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>The two directions of a connection.</summary>
internal enum Direction
{
    ToServer,
    ToClient,
}
