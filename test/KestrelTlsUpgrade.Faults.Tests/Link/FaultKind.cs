namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>What can happen to one direction of a connection at one of its bytes.</summary>
public enum FaultKind
{
    /// <summary>What is before it and what is behind it arrive one after the other.</summary>
    Split,

    /// <summary>The rest comes only when the other direction has nothing more to say.</summary>
    Delay,

    /// <summary>The rest comes only after what the other direction says later.</summary>
    Reorder,

    /// <summary>The direction ends there. The other one goes on.</summary>
    Truncate,

    /// <summary>Both sides see a TCP reset.</summary>
    Reset,

    /// <summary>Nothing comes any more, not even the end.</summary>
    Stall,

    /// <summary>Once there is TLS, somebody on the path says something in clear text.</summary>
    Insert,
}
