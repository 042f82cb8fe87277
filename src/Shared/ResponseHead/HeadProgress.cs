namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>Where the previous call stopped reading a head. Starts with its default value.</summary>
internal struct HeadProgress
{
    /// <summary>Length of the lines that have been judged.</summary>
    public int Length;

    /// <summary>Number of field lines among them.</summary>
    public int FieldCount;
}
