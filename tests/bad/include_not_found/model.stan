functions {
#include helpers.stan
}
