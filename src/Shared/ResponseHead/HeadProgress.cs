namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>Where the reading of a head stopped, for the next call. Starts as its default.</summary>
internal struct HeadProgress
{
    /// <summary>Length of the lines that have been judged.</summary>
    public int Length;

    /// <summary>Number of field lines among them.</summary>
    public int FieldCount;
}
