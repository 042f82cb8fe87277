using System.ComponentModel.DataAnnotations;
using System.Text;

namespace IppPrinter;

/// <summary>The longest that a text may be in UTF-8, as IPP counts it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MaxOctetsAttribute(int length) : ValidationAttribute($"{{0}} has more than {length} octets.")
{
    public int Length => length;

    public override bool IsValid(object? value) => value is not string text || Encoding.UTF8.GetByteCount(text) <= length;
}
